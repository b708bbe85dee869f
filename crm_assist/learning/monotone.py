"""Pool adjacent violators: which neighbouring bins must become one for the points to run one way."""

from __future__ import annotations

from collections.abc import Sequence


def edges_out_of_order(points: Sequence[float], weights: Sequence[float], sign: int) -> list[int]:
    """Return the positions of the edges to remove: edge i lies between bins i and i + 1.

    `points` and `weights` have one entry per bin; `sign` is +1 (must not fall) or -1 (must not rise). Empty
    bins are merged with a neighbour, since nothing orders them. Empty when all is in order already.
    """
    blocks: list[tuple[float, float, int]] = []  # mean, weight, last bin
    for code, (value, weight) in enumerate(zip(points, weights, strict=True)):
        block = (sign * float(value), float(weight), code)
        while blocks and (blocks[-1][0] > block[0] or 0.0 in (blocks[-1][1], block[1])):
            mean, mass, _last = blocks.pop()
            total = mass + block[1]
            pooled = (mean * mass + block[0] * block[1]) / total if total else block[0]
            block = (pooled, total, code)
        blocks.append(block)
    kept = {last for _mean, _mass, last in blocks}
    return [code for code in range(len(points) - 1) if code not in kept]
