"""Make a scan of a simulated study anew from its names and the seed: cheaper than to store all that its readers look at."""

from vhi.simulation.scan import draw_subject, simulate
from vhi.simulation.subject import Scan


def rebuild(subject: dict, simulation: dict) -> Scan:
    """Simulate a scan.

    Parameters
    ----------
    subject : dict
        ``name``, ``marrow``, ``session`` and ``repeat``.
    simulation : dict
        ``seed``, ``matrix`` and ``stir_te_ms`` of the config.

    Returns
    -------
    Scan
    """
    seed = simulation["seed"]
    return simulate(
        draw_subject(subject["name"], seed, subject["marrow"]),
        subject["session"],
        seed,
        tuple(simulation["matrix"]),
        simulation["stir_te_ms"],
        subject["repeat"],
    )
