"""Characters of the symbol fonts as Unicode characters.

Sources: the mapping tables of Unicode (L2/11-344 for the Wingdings family, ADOBE/symbol.txt for Symbol).
"""

from __future__ import annotations

# symbol fonts map their characters to F000–F0FF of the private use area
_PRIVATE_USE = range(0xF000, 0xF100)
_CIRCLED, _NEGATIVE = "⓪①②③④⑤⑥⑦⑧⑨⑩", "⓿❶❷❸❹❺❻❼❽❾❿"
_NONE = "\0"


def _table(**rows: str) -> dict[int, str]:
    """Return code → character; each row begins at the code in its name."""
    found: dict[int, str] = {}
    for name, characters in rows.items():
        found.update({int(name[1:], 16) + n: c for n, c in enumerate(characters) if c != _NONE})
    return found


_TABLES = {
    "wingdings": _table(
        x20=" \0✂✁", x28="☎✆✉✉", x3e="✇✍", x40="✍✌", x45="☜☞☝☟", x4a="☺", x4c="☹", x4e="☠⚐⚐✈☼", x54="❄",
        x56="✞✝✠✡☪☯", x5d="☸♈♉♊♋♌♍♎♏♐♑♒♓&&●❍■☐☐❑❒◆◆◆❖◆⌧", x7a="⌘✿❀❝❞", x80=_CIRCLED + _NEGATIVE, x9e="·•▪○◉◉◉◎",
        xa7="▪☐▲✦★✶✴✹✵⊕\0◇⌑", xb5="✪✰", xd5="⌫⌦", xd8="➢", xdc="➲", xdf="←→↑↓↖↗↙↘⬅➔⬆⬇", xef="⇦⇨⇧⇩↔⇳", xf9="▭▫✗✓☒☑",
    ),
    "wingdings 2": _table(
        x20=" ✎✒✎✎✄", x30="☐☐", x42="☚☛", x4f="✗✓☒☑☒☒⊗⊗⊗⊘", x69=_CIRCLED, x74=_NEGATIVE, x80="☉○☽☾", x95="⋅••●●○◉◉⊙⦿",
        x9f="▪▪■■☐□□□□▣", xae="◆◇", xb9="◊",
    ),
    "wingdings 3": _table(x21="←→↑↓↖↗↙↘", x70="▲▼△▽◀▶◁▷◣◢◤◥◂▸▴", x80="▾"),
    "webdings": _table(x33="◀▶▲▼", x61="✓", x63="☐", x67="■", x6e="●", x72="✗"),
    "symbol": _table(
        x20=" !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼",
        xa0="€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…│─↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪", xf1="〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭",
    ),
}  # fmt: skip


def is_symbol_font(font: str) -> bool:
    return font.strip().lower() in _TABLES


def is_private_use(char: str) -> bool:
    return ord(char) in _PRIVATE_USE


def symbol_character(font: str, char: str) -> str:
    """Return what a symbol font draws for a character, "" if unknown.

    Characters that no symbol font has are returned unchanged.
    """
    code = ord(char)
    if code >= 0x100 and code not in _PRIVATE_USE:
        return char
    return _TABLES.get(font.strip().lower(), {}).get(code & 0xFF, "")
