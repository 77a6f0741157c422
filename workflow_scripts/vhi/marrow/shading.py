"""Correct the shading of the receiver coils, for the limits alone."""

import numpy as np
import SimpleITK as sitk  # noqa: N813 its own convention

SHRUNK = 4  # within slices; a slice is ten times as thick as a pixel is wide
ITERATIONS = (50, 50, 30)  # by level; the spacing of the splines is halved from one to the next


def without_shading(stir: np.ndarray, region: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Divide a scan by its bias field, estimated within the disease region by N4.

    Parameters
    ----------
    stir : (slices, rows, columns) array
        Intensities.
    region : (slices, rows, columns) bool array
        Disease region.
    spacing : tuple of float
        Of slices, rows and columns, mm.

    Returns
    -------
    (slices, rows, columns) float array
        The geometric mean of the field within the region is 1, so that the scale of the scan stays.

    References
    ----------
    Tustison NJ et al. N4ITK: improved N3 bias correction. IEEE Trans Med Imaging 2010; 29: 1310-1320. SimpleITK's filter with its
    defaults, but for the shrinkage and `ITERATIONS`.
    """
    image = sitk.GetImageFromArray(np.maximum(np.asarray(stir, np.float32), 1e-3))
    mask = sitk.GetImageFromArray(np.asarray(region, np.uint8))
    for volume in (image, mask):
        volume.SetSpacing(tuple(reversed(spacing)))
    factors = [SHRUNK, SHRUNK, 1]
    corrector = sitk.N4BiasFieldCorrectionImageFilter()
    corrector.SetMaximumNumberOfIterations(list(ITERATIONS))
    corrector.SetNumberOfThreads(1)  # sums in another order would change the last digits
    corrector.Execute(sitk.Shrink(image, factors), sitk.Shrink(mask, factors))
    field = sitk.GetArrayFromImage(corrector.GetLogBiasFieldAsImage(image)).astype(float)
    return stir / np.exp(field - field[np.asarray(region, bool)].mean())
