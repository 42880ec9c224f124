"""`scs-sim cache`: the kernels on disk."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from scs_sim.cli.framework import (
    KernelProgress,
    ScsGroup,
    blamed_on,
    complete_case,
    say,
    settings,
    write_json,
    write_out,
    write_rich,
)


@click.group(
    cls=ScsGroup,
    short_help="The stored kernels: list, build, clear.",
    examples=(
        ("scs-sim cache list", "what is there, the most recently used first"),
        ("scs-sim cache build", "build what the built-in cases need, before a course or a night of runs"),
        ("scs-sim cache clear", "remove everything; it is built again when needed"),
    ),
)
def cache() -> None:
    """List, build or clear the stored kernels (potentials of contacts in cross-sections)."""


@cache.command("list")
def list_() -> None:
    """List the stored kernels."""
    from scs_sim.store import default_store

    store = default_store()
    found = store.entries()
    total = sum(entry.size_bytes for entry in found)
    if settings().as_json:
        rows = [
            {
                "key": entry.key,
                "title": entry.title,
                "shape": list(entry.shape),
                "size_bytes": entry.size_bytes,
                "last_used": _when(entry.last_used_s),
            }
            for entry in found
        ]
        document = {"directory": str(store.directory), "limit_bytes": store.limit_bytes, "size_bytes": total}
        write_json(document | {"kernels": rows})
        return
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for header in ("kernel", "", "size", "last used (UTC)"):
        table.add_column(header, justify="right" if header == "size" else "left", overflow="fold")
    for entry in found:
        table.add_row(entry.key[:12], entry.title, f"{entry.size_bytes / 1e6:.1f} MB", _when(entry.last_used_s)[:16])
    if found:
        write_rich(table)
    write_out(
        f"{len(found)} kernels, {total / 1e6:.1f} MB of at most {store.limit_bytes / 1e9:g} GB, in {store.directory}\n"
    )


@cache.command(
    "build",
    examples=(
        ("scs-sim cache build", "for all built-in cases"),
        ("scs-sim cache build my-case.toml", "for a case of your own"),
    ),
)
@click.argument("names", metavar="[CASE]...", nargs=-1, shell_complete=complete_case)
def build(names: tuple[str, ...]) -> None:
    """Build the kernels that cases need and that are not there yet."""
    from scs_sim.case import builtin_case_ids, load_case
    from scs_sim.setting import prepare
    from scs_sim.store import default_store

    before = {entry.key for entry in default_store().entries()}
    names = names or builtin_case_ids()
    chosen = [load_case(name) for name in names]
    for name, case in zip(names, chosen, strict=True):
        with KernelProgress(case.id) as progress, blamed_on(name):
            prepare(case, progress=progress)
    built = {entry.key for entry in default_store().entries()} - before
    if settings().as_json:
        write_json({"cases": [case.id for case in chosen], "built": len(built)})
    else:
        write_out(f"{len(built)} kernels built; the kernels of {', '.join(case.id for case in chosen)} are there.\n")


@cache.command("clear")
def clear() -> None:
    """Remove every stored kernel."""
    from scs_sim.store import default_store

    store = default_store()
    count, freed = len(store.entries()), store.clear()
    left = len(store.entries())
    if settings().as_json:
        write_json({"removed": count - left, "freed_bytes": freed, "left": left})
    else:
        write_out(f"{count - left} kernels removed, {freed / 1e6:.1f} MB freed.\n")
    if left:
        say(f"scs-sim: {left} kernels are in use by another process and stay")


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
