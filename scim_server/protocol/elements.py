"""Changes of a list's elements: which are equal, selected, or remain (RFC 7643, 2.4)."""

from scim_server.protocol.attributes import JSON, Attribute, Mutability, Type
from scim_server.protocol.change import Change, Kind
from scim_server.protocol.dialects import Tolerance
from scim_server.protocol.errors import InvalidValue, MutabilityViolation, NoTarget
from scim_server.protocol.match import element_described, element_matches
from scim_server.protocol.normalise import normalise
from scim_server.protocol.plans import unassigned
from scim_server.protocol.schemas import ResourceSchema

Elements = list[JSON]
Sent = list[int]
"""Positions of the elements that a change contains."""


def multi(old: JSON, change: Change, reader: ResourceSchema) -> Elements:
    """The elements of an attribute after a change."""
    elements = list(old) if isinstance(old, list) else []
    whole = change.filter is None and change.sub is None
    new, sent = _whole(elements, change, reader) if whole else _chosen(elements, change, reader)
    return [one for one in _one_primary(elements, new, sent, change.attribute, reader) if one != {}]


def _whole(elements: Elements, change: Change, reader: ResourceSchema) -> tuple[Elements, Sent]:
    if change.removes_all:
        return [], []
    given = reader.load_value(change.attribute, change.value, str(change))
    values = given if isinstance(given, list) else []
    if change.kind is Kind.REPLACE:
        return values, list(range(len(values)))
    if change.kind is Kind.ADD:
        return _added(elements, values, change.attribute)
    attribute = change.attribute
    return [one for one in elements if not any(_answers(attribute, one, value) for value in values)], []


def _added(elements: Elements, values: Elements, attribute: Attribute) -> tuple[Elements, Sent]:
    """The old and the added elements, each only once. An existing element only gets new sub-attributes."""
    after, sent = list(elements), []
    places = {_identity(attribute, one): place for place, one in reversed(list(enumerate(after)))}
    for value in values:
        place = places.setdefault(_identity(attribute, value), len(after))
        if place == len(after):
            after.append(value)
            sent.append(place)
        elif (more := _more(attribute, after[place], value)) != after[place]:
            after[place] = more
            sent.append(place)
    return after, sent


def _identity(attribute: Attribute, element: JSON) -> str:
    """The values that identify an element: value and type, or all except `primary` if there is no value."""
    if not isinstance(element, dict):
        return repr(normalise(attribute, element))
    names = ("value", "type") if "value" in element else [name for name in element if name != "primary"]
    parts = {name: _compared(attribute, element, name) for name in names if name in element}
    return repr(sorted(parts.items()))


def _more(attribute: Attribute, element: JSON, value: JSON) -> JSON:
    """A copy of an element with the new sub-attributes of an equal one; `primary: false` adds nothing."""
    if not isinstance(element, dict) or not isinstance(value, dict):
        return element
    new = {
        name: content
        for name, content in value.items()
        if _compared(attribute, element, name) != _compared(attribute, value, name)
        and not (name == "primary" and content is False)
    }
    return {**element, **new}


def _answers(attribute: Attribute, element: JSON, given: JSON) -> bool:
    """Whether an element has all the given sub-attributes."""
    if not isinstance(element, dict) or not isinstance(given, dict):
        return normalise(attribute, element) == normalise(attribute, given)
    return all(_compared(attribute, element, name) == _compared(attribute, given, name) for name in given)


def _compared(attribute: Attribute, element: dict[str, JSON], name: str) -> JSON:
    """A sub-attribute's value in the form for filters. An element without the mark counts as not primary."""
    row = attribute.sub(name)
    value = element.get(name)
    if row is not None and row.type is Type.BOOLEAN and name == "primary" and value is None:
        value = False
    return value if row is None else normalise(row, value)


def _chosen(elements: Elements, change: Change, reader: ResourceSchema) -> tuple[Elements, Sent]:
    """Change the elements that the path selects; without a filter, change all elements."""
    attribute, condition = change.attribute, change.filter
    chosen = [
        index
        for index, element in enumerate(elements)
        if condition is None or element_matches(attribute, element, condition)
    ]
    if change.kind is Kind.REMOVE and change.sub is None:
        return [element for index, element in enumerate(elements) if index not in chosen], []
    new = _new(change, reader)
    if not chosen:
        if change.kind is Kind.REMOVE:
            return elements, []
        if condition is not None and Tolerance.TARGET_CREATED not in reader.allowed:
            raise NoTarget(f"No element of {attribute.name} matches the path.")
        if new is None:
            return elements, []  # Unassigning an absent value changes nothing.
        elements = [*elements, _described(change, reader)]
        chosen = [len(elements) - 1]
    if _loses_value(change, new):
        return [element for index, element in enumerate(elements) if index not in chosen], []
    after = list(elements)
    for place in chosen:
        after[place] = _changed(elements[place], new, change)
    return after, chosen


def _new(change: Change, reader: ResourceSchema) -> JSON:
    if change.kind is Kind.REMOVE:
        return None
    if change.sub is not None:
        return reader.load_value(change.sub, change.value, str(change))
    return _element(change, reader)


def _loses_value(change: Change, new: JSON) -> bool:
    """Whether the selected elements lose their `value`. An element without a value is removed."""
    if change.sub is not None:
        return change.sub.name == "value" and new is None
    given = change.value[0] if isinstance(change.value, list) and change.value else change.value
    return isinstance(given, dict) and "value" in cleared(change.attribute, given)


def _described(change: Change, reader: ResourceSchema) -> JSON:
    """The element that the path of a change describes. Its values are checked like those of a body."""
    if change.filter is None:
        return {}
    described: JSON = [element_described(change.attribute, change.filter)]
    loaded = reader.load_value(change.attribute, described, change.attribute.name, partly=True)
    return loaded[0] if isinstance(loaded, list) and loaded else {}


def _element(change: Change, reader: ResourceSchema) -> JSON:
    """The value for the elements that a filter selects; it must be one object."""
    value: JSON = [change.value] if isinstance(change.value, dict) else change.value
    if isinstance(value, list) and len(value) == 1 and value[0] == {}:
        return {}
    if Tolerance.LIST_OF_ONE not in reader.allowed and isinstance(change.value, list):
        raise InvalidValue(
            f"The value for the selected elements of {change.attribute.name} must be one object."
        )
    if _loses_value(change, None):
        return {}
    given = reader.load_value(change.attribute, value, str(change), partly=True)
    values = given if isinstance(given, list) else []
    if len(values) != 1:
        raise InvalidValue(
            f"The value for the selected elements of {change.attribute.name} must be one object."
        )
    return values[0]


def _changed(element: JSON, new: JSON, change: Change) -> JSON:
    holder = dict(element) if isinstance(element, dict) else {}
    if change.sub is not None:
        after: JSON = with_sub(dict(holder), change.sub, new)
    else:
        after = merged_element(element, new, change)
    for row in change.attribute.sub_attributes:
        fixed = row.mutability is Mutability.IMMUTABLE and row.name in holder
        if fixed and isinstance(after, dict) and after.get(row.name) != holder[row.name]:
            name = f"{change.attribute.name}.{row.name}"
            raise MutabilityViolation(f"{name} is immutable. Remove the element and add another one.")
    return after


def merged_element(old: JSON, new: JSON, change: Change) -> JSON:
    """A complex value after a change of some of its sub-attributes (RFC 7644 section 3.5.2.3)."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    gone = cleared(change.attribute, change.value)
    return {name: value for name, value in {**old, **new}.items() if name not in gone}


def cleared(attribute: Attribute, value: JSON) -> set[str]:
    """The sub-attributes that a value unassigns, by name."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return set()
    rows = ((attribute.sub(name), content) for name, content in value.items())
    return {
        row.name
        for row, content in rows
        if row is not None and row.mutability is not Mutability.READ_ONLY and unassigned(content)
    }


def with_sub(holder: dict[str, JSON], sub: Attribute, value: JSON) -> dict[str, JSON]:
    """A complex value with one sub-attribute changed; None unassigns it."""
    if value is None:
        holder.pop(sub.name, None)
    else:
        holder[sub.name] = value
    return holder


def _one_primary(
    before: Elements, after: Elements, sent: Sent, attribute: Attribute, reader: ResourceSchema
) -> Elements:
    """Move the primary mark from the old primary element to the new one (RFC 7644 section 3.5.2)."""
    row = attribute.sub("primary")
    if row is None or row.type is not Type.BOOLEAN:
        return after
    marked = _primaries(after)
    by_client = [place for place in marked if place in sent]
    if len(marked) <= 1 or not by_client:
        return after
    new = [place for place in by_client if after[place] not in before]
    if len(by_client) > 1 and Tolerance.SEVERAL_PRIMARIES not in reader.allowed:
        raise InvalidValue(f"{attribute.name}: only one element can be primary.")
    keeps = (new or by_client)[-1]
    return [
        {**one, "primary": False} if place in marked and place != keeps and isinstance(one, dict) else one
        for place, one in enumerate(after)
    ]


def _primaries(elements: Elements) -> list[int]:
    return [i for i, one in enumerate(elements) if isinstance(one, dict) and one.get("primary") is True]
