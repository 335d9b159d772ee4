"""Draws presets/bridge_curve.svg and prints the card's curve table.

    python curve.py
"""

import json

import settings

KINDS = {
    "single": "#4477aa",
    "row": "#66ccee",
    "match": "#228833",
    "made_up": "#ee6677",
    "questions": "#aa3377",
}
WIDTH, HEIGHT, LEFT, TOP = 560, 300, 44, 16
TOP_LOSS = 6.0
SMOOTH = 5  # reports of ten steps


def read() -> list[dict]:
    lines = (settings.RUNS / "train.jsonl").read_text().splitlines()
    by_step = {(entry := json.loads(line))["step"]: entry for line in lines}
    return [by_step[step] for step in sorted(by_step)]


def smoothed(entries: list[dict], kind: str) -> list[tuple[int, float]]:
    points = [(e["step"], e[kind][0]) for e in entries if kind in e]
    out = []
    for i, (step, _) in enumerate(points):
        recent = [loss for _, loss in points[max(0, i - SMOOTH + 1) : i + 1]]
        out.append((step, sum(recent) / len(recent)))
    return out


def draw(entries: list[dict]) -> str:
    last = entries[-1]["step"]
    x = lambda step: LEFT + (WIDTH - LEFT - 90) * step / last
    y = lambda loss: TOP + (HEIGHT - TOP - 34) * (1 - min(loss, TOP_LOSS) / TOP_LOSS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for loss in range(0, int(TOP_LOSS) + 1, 2):
        parts.append(
            f'<path d="M{LEFT} {y(loss):.1f}H{x(last):.1f}" stroke="#ddd"/>'
            f'<text x="{LEFT - 14}" y="{y(loss) + 4:.1f}">{loss}</text>'
        )
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 16}">0</text>')
    parts.append(f'<text x="{x(last) - 40:.0f}" y="{HEIGHT - 16}">{last} steps</text>')
    for n, (kind, colour) in enumerate(KINDS.items()):
        path = " ".join(f"{x(s):.1f},{y(v):.1f}" for s, v in smoothed(entries, kind))
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" '
            'stroke-width="1.5"/>'
        )
        parts.append(
            f'<text x="{WIDTH - 84}" y="{TOP + 14 + 16 * n}" fill="{colour}">'
            f"{kind.replace('_', '-')}</text>"
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    entries = read()
    (settings.PRESETS / "bridge_curve.svg").write_text(draw(entries))
    curves = {kind: dict(smoothed(entries, kind)) for kind in KINDS}
    print("| step | seconds |", " | ".join(KINDS), "|")
    print("|" + " --- |" * (len(KINDS) + 2))
    marks = range(0, len(entries), max(1, len(entries) // 8))
    for entry in [entries[i] for i in marks] + [entries[-1]]:
        row = []
        for kind in KINDS:
            near = min(curves[kind], key=lambda s: abs(s - entry["step"]))
            row.append(f"{curves[kind][near]:.2f}")
        print(f"| {entry['step']} | {entry['s']} |", " | ".join(row), "|")


if __name__ == "__main__":
    main()
