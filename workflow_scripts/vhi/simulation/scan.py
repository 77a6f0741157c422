"""One simulated scan: T1w and STIR volumes, the masks that a study has, and the truth that no study has."""

import math

import numpy as np

from vhi.io.errors import InputError
from vhi.simulation import anatomy as anatomical
from vhi.simulation import disease, mimics, sequences, texture, treatment
from vhi.simulation.explain import TRUE_OEDEMA, tabulate_structures
from vhi.simulation.naming import generator, scan_name
from vhi.simulation.patch import draw_patch, outline_region
from vhi.simulation.slices import simulate_slice, stack
from vhi.simulation.subject import Scan, Subject, Truth
from vhi.simulation.tissues import Tissue
from vhi.simulation.visit import FIELD_MM, draw_visit, scan_affine
from vhi.simulation.wider import AS_PLANNED, Wider, another_body, another_scanner, displace, draw_artefacts

BLUR_MM = {"t1w": 0.45, "stir": 0.78}  # standard deviation of the in-plane point spread


def draw_subject(name: str, seed: int, marrow: str = "normal", wider: Wider = AS_PLANNED) -> Subject:
    """Draw a subject from its name and the study's seed alone.

    Parameters
    ----------
    name : str
    seed : int
    marrow : {'normal', 'fatty', 'sclerotic'}
    wider : Wider
        Share of subjects drawn from a wider range of body sizes.

    Returns
    -------
    Subject

    Raises
    ------
    vhi.io.errors.InputError
        If `marrow` is none of the three.
    """
    if marrow not in ("normal", "fatty", "sclerotic"):
        raise InputError(f"subject {name}: marrow is {marrow!r}; it must be normal, fatty or sclerotic")
    pelvis = anatomical.draw_anatomy(generator(seed, name, "anatomy"), marrow)
    pelvis = another_body(pelvis, wider.body_size, generator(seed, name, "body size"))
    rng = generator(seed, name, "disease")
    burden = float(0.18 + 0.75 * rng.beta(0.9, 2.0))  # everybody has sacroiliitis before treatment (section 2.2)
    # ASSUME Two of three subjects improve on MRI, to about a third; the others stay as they are, or worsen a little.
    effect = math.exp(rng.normal(-1.2, 0.4) if rng.random() < 0.68 else rng.normal(0.15, 0.15))
    lesions = disease.draw_lesions(rng, burden)
    return Subject(
        name,
        marrow,
        pelvis,
        texture.draw_texture(generator(seed, name, "texture")),
        mimics.draw_mimics(generator(seed, name, "mimics"), pelvis),
        {"pre": lesions, "post": treatment.treat(lesions, effect, rng)},
        burden,
        effect,
    )


def simulate(
    subject: Subject,
    session: str,
    seed: int,
    shape: tuple[int, int, int] = (336, 336, 25),
    stir_te: float = 60.0,
    repeat: int = 1,
    wider: Wider = AS_PLANNED,
) -> Scan:
    """Simulate one scan of a subject.

    Parameters
    ----------
    subject : Subject
    session : {'pre', 'post'}
    seed : int
        The study's seed; with the subject's name, the session and the repeat it fixes every voxel.
    shape : tuple of int
        Matrix (i, j, k) over the field of view of 200 x 200 x 82.5 mm.
    stir_te : float
        Effective echo time of the STIR, ms (section 2.4 prints 50; the public headers say 60).
    repeat : int
        1, or the number of a further scan of the same state: new position, coils, noise and outlines.
    wider : Wider
        Shares of scans with motion, ghosts, failing fat suppression, or from another scanner.

    Returns
    -------
    Scan

    Raises
    ------
    vhi.io.errors.InputError
        If the session is neither pre nor post, or the matrix is too small to show a joint.
    """
    if session not in subject.lesions:
        raise InputError(f"subject {subject.name}: session is {session!r}; it must be one of {sorted(subject.lesions)}")
    # Slices must be closer than the oval of normal marrow is thick, or a scan may have none.
    if len(shape) != 3 or min(shape[:2]) < 64 or shape[2] < 12:
        raise InputError(f"matrix {tuple(shape)} is too small: at least 64 x 64 x 12 voxels are needed")
    name = scan_name(subject.name, session, repeat)
    rng = generator(seed, name, "scan")
    visit = draw_visit(subject, session, tuple(shape), stir_te, rng, moved=(session, repeat) != ("pre", 1))
    visit = another_scanner(visit, wider.scanner, generator(seed, name, "scanner"))
    artefacts = draw_artefacts(wider, visit.protocols["stir"], seed, name)
    volumes = stack([simulate_slice(visit, k, artefacts) for k in range(shape[2])])
    images = {
        image: _acquire(displace(volumes[f"{image}_signal"], artefacts.copies[image]), visit, image, rng)
        for image in ("t1w", "stir")
    }
    truth = Truth(
        inflammation=volumes["oedema"] >= TRUE_OEDEMA,
        structures=tabulate_structures(visit),
        pose=visit.pose,
        **{part: volumes[part] for part in ("oedema", "reason", "structure", "depth", "bone", "sacral_marrow")},
    )
    step = tuple(visit.step(axis) for axis in range(3))
    return Scan(
        subject.name,
        **images,
        normal_marrow=draw_patch(
            images["stir"], truth.sacral_marrow, visit.pose, step[:2], generator(seed, name, "patch")
        ),
        disease_region=outline_region(volumes["region"], step, generator(seed, name, "outline")),
        affine=scan_affine(shape),
        truth=truth,
    )


def redraw_patch(scan: Scan, rng: np.random.Generator) -> np.ndarray:
    """Outline the normal marrow of a scan once more; shape (i, j, k), bool."""
    step = np.array(FIELD_MM) / scan.stir.shape
    return draw_patch(scan.stir, scan.truth.sacral_marrow, scan.truth.pose, tuple(step[:2]), rng)


def _acquire(signal, visit, name, rng):
    """Acquire one image in scanner units, int16."""
    resolution = tuple(BLUR_MM[name] / visit.step(axis) for axis in (0, 1))
    marrow = float(sequences.signal_table(visit.protocols[name], 0.45)[Tissue.MARROW])
    image = sequences.acquire(signal, resolution, visit.noise[name] * marrow, rng)
    return np.rint(image * visit.scale[name]).astype(np.int16)
