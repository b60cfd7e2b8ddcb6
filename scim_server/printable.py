"""Text that a terminal only shows.

Names come from outside. ESC and the characters from U+0080 to U+009F control a terminal, U+2028 and U+2029
end a line, and the bidirectional controls change the order in which a line is read.
"""

from typing import Final

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """A line of text, with a space in place of each character that cannot be printed, such as a line end."""
    if text.isprintable():
        return text
    # Half of a surrogate pair cannot be encoded.
    return "".join(
        letter if letter.isprintable() else _REPLACEMENT if "\ud800" <= letter <= "\udfff" else " "
        for letter in text
    )


def escaped(json: str) -> str:
    """The same JSON document, with an escape in place of each character that cannot be printed.

    Line ends remain, because inside a text of JSON they are escaped already.
    """
    if json.replace("\n", "").isprintable():
        return json
    return "".join(letter if letter.isprintable() or letter == "\n" else _escape(letter) for letter in json)


def _escape(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))
