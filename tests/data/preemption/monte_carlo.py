#!/usr/bin/env python3
"""How often a batch of requests outgrows a cache, by trying: the figures of tests/unit/plan_preemption_test.cpp.

Each slot runs one request after another. At a random moment the request in a slot is one of length (in, out) with a
chance in proportion to `out`, the steps that it stays; it has made 1 to `out` tokens, each as likely. It holds
ceil((in + made) / 128) blocks. Prints one line a case: the chance and its standard error.
"""
import math
import random

BLOCK = 128
TRIALS = 20_000


def held_blocks(requests, cumulative, random_):
    pick = random_.random() * cumulative[-1]
    low, high = 0, len(cumulative) - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] > pick:
            high = middle
        else:
            low = middle + 1
    prompt, answer = requests[low]
    return -(-(prompt + random_.randint(1, answer)) // BLOCK)


def chance(requests, batch, blocks, seed):
    random_ = random.Random(seed)
    cumulative, total = [], 0
    for _, answer in requests:
        total += answer
        cumulative.append(total)
    outgrown = sum(
        sum(held_blocks(requests, cumulative, random_) for _ in range(batch)) > blocks for _ in range(TRIALS))
    share = outgrown / TRIALS
    return share, math.sqrt(max(share * (1 - share), 1e-9) / TRIALS)


CASES = {
    "fixed 256/256": ([(256, 256)], [(100, 350), (100, 358), (100, 365)]),
    "uniform 100-1000 in, 50-800 out": ([(i, o) for i in range(100, 1001, 90) for o in range(50, 801, 75)],
                                         [(40, 275), (40, 290), (40, 305), (300, 2080), (300, 2130)]),
    "few long ones": ([(128, 128)] * 9 + [(4096, 2048)], [(8, 200), (64, 1750), (64, 2100)]),
}

if __name__ == "__main__":
    for name, (requests, points) in CASES.items():
        for batch, blocks in points:
            share, error = chance(requests, batch, blocks, seed=20_260)
            print(f"{name}: batch {batch}, {blocks} blocks: {share:.4f} +- {error:.4f}")
