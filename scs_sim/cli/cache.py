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


@cache.command(
    "grid",
    examples=(
        ("scs-sim cache grid --level T8 --level T9", "the sections of two levels, and which are built"),
        ("scs-sim cache grid --level T9 --build", "build those that are missing, for every posture and patient"),
        ("scs-sim cache grid --conductivities all", "every section that patients and postures are made of"),
    ),
)
@click.option("--level", "levels", metavar="LEVEL", multiple=True, help="A vertebral level, C2 to L2; default: all.")
@click.option(
    "--conductivities",
    metavar="NAME",
    default="default",
    show_default=True,
    help="A conductivity set (scs-sim sources tissues), or all.",
)
@click.option("--lead", "lead_id", metavar="LEAD", default="octet-7mm", show_default=True, help="Whose contacts.")
@click.option("--build", "wanted", is_flag=True, help="Build what is missing.")
def grid(levels: tuple[str, ...], conductivities: str, lead_id: str, wanted: bool) -> None:
    """List the finite grid of sections that kernels are built for: level, dorsal CSF, shift of the cord, tissues."""
    from scs_models import anatomy, canal_grid
    from scs_models.leads import LeadPlacement, contact_places
    from scs_models.values import require_one_of
    from scs_sim.contact_plan import kernel_spec
    from scs_sim.store import default_store

    chosen = tuple(require_one_of("level", level, anatomy.section_levels()) for level in levels)
    names = [name for name in anatomy.conductivity_sets() if name != "default"]
    sets = tuple(names) if conductivities == "all" else (conductivities,)
    for name in sets:
        require_one_of("conductivities", name, anatomy.conductivity_sets())
    sections = canal_grid.all_sections(chosen or anatomy.section_levels(), sets)
    place = contact_places(LeadPlacement(lead_id, "T9"))[0]
    specs = [kernel_spec(section, place) for section in sections]
    store = default_store()
    built = 0
    if wanted:
        missing = [spec for spec in specs if not store.has(spec.key)]
        with KernelProgress("grid") as progress:
            store.load(missing, progress=progress)
        built = len(missing)
    rows = [(section, spec.key, store.has(spec.key)) for section, spec in zip(sections, specs, strict=True)]
    there = sum(has for *_, has in rows)
    if settings().as_json:
        listed = [
            {
                "level": section.level,
                "dorsal_csf_mm": section.dorsal_csf_mm,
                "cord_shift_mm": section.cord_shift_mm,
                "conductivities": section.conductivities,
                "key": key,
                "built": has,
            }
            for section, key, has in rows
        ]
        write_json({"lead": lead_id, "sections": listed, "built_now": built})
        return
    write_out("".join(f"{'built  ' if has else 'missing'}  {section.title}\n" for section, _, has in rows))
    write_out(f"{len(rows)} sections, {there} built, for contacts as on {lead_id}.\n")


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
