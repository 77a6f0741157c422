"""Make a scan of a simulated study anew from its names and the seed: cheaper than to store all that its readers look at."""

from vhi.simulation.scan import draw_subject, simulate
from vhi.simulation.subject import Scan
from vhi.simulation.wider import Wider


def rebuild(subject: dict, simulation: dict) -> Scan:
    """Simulate a scan.

    Parameters
    ----------
    subject : dict
        ``name``, ``marrow``, ``session`` and ``repeat``.
    simulation : dict
        ``seed``, ``matrix``, ``stir_te_ms`` and ``wider`` of the config.

    Returns
    -------
    Scan
    """
    seed, wider = simulation["seed"], Wider(**simulation.get("wider", {}))
    return simulate(
        draw_subject(subject["name"], seed, subject["marrow"], wider),
        subject["session"],
        seed,
        tuple(simulation["matrix"]),
        simulation["stir_te_ms"],
        subject["repeat"],
        wider,
    )
