"""Page of one scan: pictures, limits and their stability, place of the slices, what is expected and what is there."""

from vhi.cleaning.masks import counted
from vhi.figures.pages import SHOWN_LABELS, scan_figure, webp
from vhi.figures.stacks import stacks_of
from vhi.io.errors import tell_errors
from vhi.io.files import read_json, write_json, write_text
from vhi.io.images import read_mask, read_scan
from vhi.io.tables import read_table
from vhi.report.scan_pages import intervals_of, scan_page, sides_of
from vhi.report.scan_review import DICE, angle_between, notes_on, reasons_to_look, region_limit, slice_angles

tell_errors(snakemake.log[0])
source, params, axis = snakemake.input, snakemake.params, snakemake.params.slice_axis
name = snakemake.wildcards.scan
t1w = read_scan(source.t1w, axis)
seen = {"t1w": t1w.volume, "t1w_spacing": t1w.spacing_mm[1:], "cleaned": {}}
facts = {"scan": name, **params.scan, "expected": params.expected, "weight": 0} | slice_angles(t1w.affine)
numbers = [("slices", f"{len(t1w.volume)}"), ("slices from coronal, T1w", f"{facts['tilt']:.1f}°")]
vhi = {row["reader"]: row["vhi_voxels"] for row in params.readings if row["vhi_voxels"] is not None}

if source.stir:
    stir = read_scan(source.stir, axis)
    seen |= {"stir": stir.volume, "stir_spacing": stir.spacing_mm[1:]}
    facts |= slice_angles(stir.affine) | {"angle_apart": angle_between(t1w.affine, stir.affine)}
    spacing = " x ".join(f"{step:.2f}" for step in stir.spacing_mm)
    numbers += [("slices from coronal, STIR", f"{facts['tilt']:.1f}°"), ("turned to a side", f"{facts['turn']:.1f}°"),
                ("spacing of STIR (slices, rows, columns)", f"{spacing} mm")]  # fmt: skip
for part, labels in SHOWN_LABELS.items():
    if found := getattr(source, part):
        path = found if isinstance(found, str) else found[0]
        seen[part] = read_mask(path, labels, axis).volume
if source.intensities:
    facts["limits"] = read_json(source.limits)
    seen["intensities"] = read_table(source.intensities)["stir_intensity"].to_numpy()
    numbers += [(f"{limit} limit", f"{facts['limits'][limit]:,.0f}") for limit in ("lower", "upper")]
    numbers.append(("n of the lower limit", f"{facts['limits']['n']:.2f}"))
if source.stability:
    seen["stability"] = read_table(source.stability)
    table = seen["stability"].astype(object)
    facts["stability"] = table.where(table.notna(), None).to_dict("records")
    numbers.append(("preliminary segmentation", f"{int(counted(seen['preliminary'], params.limit).sum()):,} voxels"))
for reader, path in zip(params.masked, source.cleaned, strict=True):
    seen["cleaned"][reader] = read_mask(path, (0, 1, 2), axis).volume
    vhi[reader] = int(counted(seen["cleaned"][reader], params.limit).sum())
facts["vhi"] = vhi
within = intervals_of(read_table(source.uncertainty), name) if source.uncertainty else {}
numbers += [(f"V_HI by {reader}", f"{voxels:,.0f} voxels{within.get(reader, '')}") for reader, voxels in vhi.items()]
numbers += sides_of(read_table(source.joints), name) if source.joints else []
if source.quality:
    facts["region_limit"] = region_limit(read_table(source.quality), params.flag_below)
    row = read_table(source.quality).set_index("scan").loc[name].astype(object)
    facts["quality"] = quality = row.where(row.notna(), None).to_dict()
    numbers += [(text, f"{quality[key]:.3f}") for key, text in DICE.items() if quality.get(key) is not None]
facts |= {"numbers": numbers, "reasons": reasons_to_look(facts), "notes": notes_on(facts, params.flag_below)}
facts["weight"] = sum(item["weight"] for item in facts["reasons"])

picture = webp(scan_figure(seen, facts, params.n_start, params.simulated))
write_json(snakemake.output.facts, facts)
write_text(snakemake.output.page, scan_page(facts, picture, stacks_of(seen), params.simulated))
