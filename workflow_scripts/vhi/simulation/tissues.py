"""Relaxation times, proton density and fat fraction of the phantom's tissues at 3 T.

Water and fat of a tissue are kept apart, because STIR nulls only one of them: a tissue is a mixture of its own water
and of one common fat.

References
----------
.. [1] Gold GE et al. Musculoskeletal MRI at 3.0 T: relaxation times and image contrast. AJR 2004;183:343-351.
.. [2] Stanisz GJ et al. T1, T2 relaxation and magnetization transfer in tissue at 3T. Magn Reson Med 2005;54:507-512.
.. [3] Lin C et al. Measurement of T1 relaxation time of cerebrospinal fluid at 3.0 T. Proc ISMRM 2001;9:1391.
.. [4] de Bazelaire CMJ et al. MR imaging relaxation times of abdominal and pelvic tissues at 3.0 T. Radiology
       2004;230:652-659.
.. [5] Bray TJP et al. Fat fraction mapping of bone marrow in sacroiliitis. Eur Radiol 2017;27:4662-4669.
"""

from dataclasses import dataclass
from enum import IntEnum


class Tissue(IntEnum):
    """What a point of the pelvis is made of; the value is its label in a tissue map."""

    AIR = 0
    FAT = 1
    MUSCLE = 2
    MARROW = 3
    CORTEX = 4
    CARTILAGE = 5
    SYNOVIAL_FLUID = 6
    LIGAMENT = 7
    CSF = 8
    NERVE = 9
    BLOOD = 10
    FLOWING_BLOOD = 11
    DISC = 12
    NUCLEUS = 13
    BOWEL_WALL = 14
    BOWEL_FLUID = 15
    SKIN = 16
    SCLEROSIS = 17
    OEDEMA = 18


@dataclass(frozen=True)
class Properties:
    """Magnetic properties of one tissue at 3 T.

    Attributes
    ----------
    t1, t2 : float
        Relaxation times of the tissue's water, ms.
    density : float
        Proton density relative to pure water, 0 to 1.
    fat : float
        Proton density fat fraction, 0 to 1.
    """

    t1: float
    t2: float
    density: float
    fat: float = 0.0


FAT_T1, FAT_T2 = 371.0, 133.0  # ms, subcutaneous fat [1]; marrow fat is 365 and 133 there

# ASSUME The water of red marrow has T1 1350 and T2 45 ms: published values (T2 40 to 50, [2], [4]) are of the mixture.
# ASSUME Oedema is water of T1 1700 and T2 120 ms: no relaxometry of sacroiliac oedema at 3 T tells water and fat apart.
PROPERTIES = {
    Tissue.AIR: Properties(1000, 50, 0.0),
    Tissue.FAT: Properties(1420, 32, 0.92, 0.95),  # [1]
    Tissue.MUSCLE: Properties(1420, 27, 0.80, 0.02),  # T1 [1], T2 29 with SD 4 [4]
    Tissue.MARROW: Properties(1350, 45, 0.80, 0.45),  # fat fraction of sacral marrow [5]; trabeculae lower the density
    Tissue.CORTEX: Properties(500, 1, 0.15),
    Tissue.CARTILAGE: Properties(1240, 37, 0.60),  # [1]
    Tissue.SYNOVIAL_FLUID: Properties(3620, 767, 0.95),  # [1]
    Tissue.LIGAMENT: Properties(900, 12, 0.40),
    Tissue.CSF: Properties(4160, 1500, 1.0),  # T1 [3]
    Tissue.NERVE: Properties(1080, 78, 0.80, 0.10),  # T1 and T2 of optic nerve [2]
    Tissue.BLOOD: Properties(1930, 275, 0.85),  # [2], slow venous flow keeps its signal
    Tissue.FLOWING_BLOOD: Properties(1930, 8, 0.50),  # arterial flow dephases; a short T2 stands for it
    Tissue.DISC: Properties(1000, 30, 0.55),
    Tissue.NUCLEUS: Properties(1200, 75, 0.75),
    Tissue.BOWEL_WALL: Properties(1400, 45, 0.85, 0.02),
    Tissue.BOWEL_FLUID: Properties(1900, 110, 0.85),
    Tissue.SKIN: Properties(900, 25, 0.70, 0.10),
    Tissue.SCLEROSIS: Properties(1100, 22, 0.35, 0.30),
    Tissue.OEDEMA: Properties(1700, 120, 0.92, 0.05),
}
