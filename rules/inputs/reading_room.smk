# What the reading room shows to whom, and what readers have handed in.

from vhi.study.records import key_file, kept_file, read_key

ROOM = CONFIG["reading_room"]
RECORD_SCHEMA = str(ROOT / "config" / "schemas" / "record.schema.yaml")


@cache
def key_of(reader):
    """A reader's part of the study's key."""
    return read_key(ROOM["records"], reader)


def key_of_reading(scan, reader, trial):
    """The key's rows of one reading, with the file that keeps the segmentation each pack showed."""
    rows = [row for row in key_of(reader) if (row["scan"], str(row["trial"])) == (scan, str(trial))]
    return [row | {"kept": str(kept_file(ROOM["records"], row["preliminary"]))} for row in rows]


# Packs.

PAGE_FILES = [
    str(SCRIPTS / "vhi" / "cleaning" / "reading_room" / name)
    for name in ("page.html", "page.css", "reading.js", "view.js", "page.js")
]


def readings_of(reader):
    """Scan and trial of the semi-automatic readings of a reader that have a preliminary segmentation."""
    keys = [key for key in READINGS if key[1] == reader and key[3] == "semiautomatic" and key[0] in measurable()]
    return [(scan, int(trial)) for scan, _, trial, _ in keys]


def scans_to_read(reader):
    return list(dict.fromkeys(scan for scan, _ in readings_of(reader)))


def scans_of_packs(reader):
    """The same for packs that are asked for: where there is nothing to read, the run ends before it touches anything."""
    check_data_folder()
    if not scans_to_read(reader):
        refuse(
            f"{STUDY.folder}/readings.tsv: expected a semi-automatic reading by {reader} of a scan that has a preliminary segmentation, "
            f"found none; add a row per scan (or remove the # in front of it), with mask and vhi_voxels empty. Scans that have one: "
            f"{', '.join(measurable()) or 'none; their normal marrow is missing (make preliminary)'}"
        )
    return scans_to_read(reader)


def readers_asked_for():
    """Readers that the command line names (`reader=R1,R2`); all without."""
    asked = [reader for reader in str(config.get("reader") or "").split(",") if reader]
    for reader in asked:
        if reader not in CONFIG["readers"]:
            refuse(
                f"unknown reader '{reader}'; readers of study {STUDY.name}: {', '.join(CONFIG['readers']) or 'none'}"
            )
    return asked or [reader for reader in CONFIG["readers"] if readings_of(reader)] or CONFIG["readers"][:1]


def targets_of_packs():
    """Packs of the readers that are asked for."""
    check_data_folder()
    if not CONFIG["readers"]:
        refuse(f"{STUDY.folder}/config.yaml: `readers` is empty; name those who read")
    return expand("<results>/6b_reading_room/packs/{reader}/reading_list.tsv", reader=readers_asked_for())


# What came back.


def drafts():
    """Records that are begun and not finished, by pack."""
    found = {}
    for reader in CONFIG["readers"]:
        folder = Path(ROOM["records"]) / reader
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
            found |= {row["pack"]: str(path) for row in key_of(reader) if row["code"] == path.stem.split("_")[0]}
    return found


@cache
def readings_to_clean():
    """What the status needs to know of each semi-automatic reading: what was handed in, a draft, its packs."""
    begun, rows = drafts(), []
    for (scan, reader, trial, method), row in READINGS.items():
        if method == "semiautomatic" and scan in measurable():
            key = key_of_reading(scan, reader, trial)
            draft = next((begun[one["pack"]] for one in key if one["pack"] in begun), None) if not row["mask"] else None
            found = {"scan": scan, "reader": reader, "trial": int(trial), "mask": row["mask"], "draft": draft}
            rows.append(found | {"vhi_voxels": row["vhi_voxels"], "key": key})
    return rows


@cache
def scans_of_two():
    """Scans that at least two readers cleaned."""
    readers = {}
    for scan, reader, _ in cleaned_readings():
        readers.setdefault(scan, set()).add(reader)
    return [scan for scan, of_scan in readers.items() if len(of_scan) > 1]


def sparcc_sheets_handed_in():
    """Reader and file of every SPARCC sheet that lies beside the records."""
    paths = [(reader, Path(ROOM["records"]) / reader / "sparcc_sheet.tsv") for reader in CONFIG["readers"]]
    return [(reader, str(path)) for reader, path in paths if path.is_file()]


def targets_of_reading_room():
    """The books of the cleaning, as far as readings are handed in."""
    targets = ["<results>/6b_reading_room/audit.tsv"] if cleaned_readings() else []
    if scans_of_two():
        targets.append("<results>/6b_reading_room/figure_disagreements.png")
    if sparcc_sheets_handed_in():
        targets.append("<results>/6b_reading_room/sparcc_sheets.tsv")
    if Path(ROOM["records"]).is_dir():
        targets.append("<results>/6b_reading_room/status.tsv")
    return targets
