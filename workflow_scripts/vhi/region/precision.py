"""Precision and memory of predictions."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch


def native_bf16() -> bool:
    """Whether this processor multiplies bfloat16 numbers itself; where it does not, bf16 is slower than fp32."""
    return any(torch.cpu.get_capabilities().get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


@cache
def hold_memory() -> None:
    """Have glibc keep what is freed for the next step: asking the system anew each time costs a tenth of it. Elsewhere, do nothing."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        for parameter, value in ((-4, 0), (-1, 2**31 - 1), (-2, 2**28)):  # M_MMAP_MAX, M_TRIM_THRESHOLD, M_TOP_PAD
            mallopt(parameter, value)


def used_precision(precision: str) -> str:
    """Tell the precision in which `predict` computes: 'auto' is bf16 where the processor has it, else fp32."""
    return {"auto": "bf16" if native_bf16() else "fp32"}.get(precision, precision)


@contextmanager
def one_thread() -> Iterator[None]:
    """Run with one torch thread, then go back."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
