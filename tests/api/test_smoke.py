from tests.running import Server


def test_a_person_is_created_and_found(server: Server) -> None:
    organization = server.organization(standard=1)
    with organization.client() as client:
        made = client.post("/Users", json={"userName": "Ada@example.com"})
        found = client.get("/Users", params={"filter": 'userName eq "ada@EXAMPLE.com"'})
    assert made.status_code == 201
    assert [one["id"] for one in found.json()["Resources"]] == [made.json()["id"]]
