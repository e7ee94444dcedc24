"""The names of the corruptions, apart from all that computes, so that a command line knows them."""

BENCHMARK = (
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "defocus_blur",
    "glass_blur",
    "motion_blur",
    "zoom_blur",
    "snow",
    "frost",
    "fog",
    "brightness",
    "contrast",
    "elastic_transform",
    "pixelate",
    "jpeg_compression",
)
VALIDATION = ("speckle_noise", "gaussian_blur", "spatter", "saturate")
CORRUPTIONS = BENCHMARK + VALIDATION
SEVERITIES = (1, 2, 3, 4, 5)

GROUPS = {"benchmark": BENCHMARK, "validation": VALIDATION, "all": CORRUPTIONS}
