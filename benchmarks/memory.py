"""Measures the memory of a server's processes from /proc, and counts each shared page once."""

from pathlib import Path


def megabytes(pid: int) -> float:
    """The memory of a process and all its descendants; pages that they share count once."""
    return sum(_share(one) for one in descendants(pid)) / 1024


def descendants(pid: int) -> set[int]:
    parents = {
        int(folder.name): _parent(folder) for folder in Path("/proc").iterdir() if folder.name.isdigit()
    }
    found, grown = {pid}, True
    while grown:
        more = {child for child, parent in parents.items() if parent in found} - found
        found, grown = found | more, bool(more)
    return found


def _parent(folder: Path) -> int | None:
    try:
        # The name of the command is in parentheses and may contain any character.
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def _share(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
