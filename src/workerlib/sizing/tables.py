"""The vendor's tables of sizes, of both products, and what each image needs of them."""

from __future__ import annotations

from attrs import frozen

from workerlib.images import image

SIZES = ("S", "M", "L", "XL", "2XL", "4XL")
FLEX_CPUS = (0.1, 0.25, 0.5, 1, 2, 4, 6, 8)


@frozen(eq=False, repr=False)
class FixedSize:
    """What an application or service with this profile and `size` gets on Upsun Fixed: CPU, and `memory` in MB."""

    profile: str
    size: str
    cpu: float
    memory: int
    page: str = "Upsun Fixed docs: Create apps > App reference > Size (August 2026)"


@frozen(eq=False, repr=False)
class FlexMemory:
    """The memory in MB that goes with each of FLEX_CPUS on Upsun Flex, for shared CPU."""

    profile: str
    memory: tuple[int, ...]
    page: str = "Upsun docs: Manage resources > Adjust resources (August 2026)"


@frozen(eq=False, repr=False)
class ScaledSize:
    """The CPU of a `size` on Upsun Fixed where `resources` states the memory."""

    size: str
    cpu: float
    page: str = "Upsun Fixed docs: Create apps > Flexible resources (August 2026)"


@frozen(eq=False, repr=False)
class LeastMemory:
    """The least memory in MB of an image that is not that of the smallest size of its profile."""

    image: str
    memory: int
    page: str = "the vendor's image registry (August 2026)"


FIXED_SIZES = (
    FixedSize("HIGH_CPU", "S", 0.40, 128),
    FixedSize("HIGH_CPU", "M", 0.40, 128),
    FixedSize("HIGH_CPU", "L", 1.20, 256),
    FixedSize("HIGH_CPU", "XL", 2.50, 384),
    FixedSize("HIGH_CPU", "2XL", 5.00, 768),
    FixedSize("HIGH_CPU", "4XL", 10.00, 1536),
    FixedSize("BALANCED", "S", 0.05, 32),
    FixedSize("BALANCED", "M", 0.05, 64),
    FixedSize("BALANCED", "L", 0.08, 256),
    FixedSize("BALANCED", "XL", 0.10, 512),
    FixedSize("BALANCED", "2XL", 0.20, 1024),
    FixedSize("BALANCED", "4XL", 0.40, 2048),
    FixedSize("HIGH_MEMORY", "S", 0.25, 128),
    FixedSize("HIGH_MEMORY", "M", 0.25, 288),
    FixedSize("HIGH_MEMORY", "L", 0.40, 1280),
    FixedSize("HIGH_MEMORY", "XL", 0.75, 2624),
    FixedSize("HIGH_MEMORY", "2XL", 1.50, 5248),
    FixedSize("HIGH_MEMORY", "4XL", 3.00, 10496),
)
FLEX_MEMORY = (
    FlexMemory("HIGH_CPU", (64, 128, 224, 384, 704, 1216, 1728, 2240)),
    FlexMemory("BALANCED", (352, 640, 1088, 1920, 2800, 4800, 6080, 7296)),
    FlexMemory("HIGH_MEMORY", (448, 832, 1408, 2432, 4032, 6720, 9024, 11200)),
    FlexMemory("HIGHER_MEMORY", (864, 1472, 2368, 3840, 6336, 10496, 14080, 17408)),
)
SCALED_SIZES = (
    ScaledSize("XS", 0.25),
    ScaledSize("S", 0.5),
    ScaledSize("M", 1),
    ScaledSize("L", 2),
    ScaledSize("XL", 4),
    ScaledSize("2XL", 8),
)
# Of `resources`, where one of the two is not stated; published JSON schema of Upsun Fixed. MB, and MB for each CPU.
BASE_MEMORY, MEMORY_RATIO = 64, 128

LEAST_MEMORY = (
    LeastMemory("gotenberg", 512),
    LeastMemory("mercure", 64),
    LeastMemory("redis", 64),
    LeastMemory("valkey", 64),
    LeastMemory("varnish", 128),
)
PERSISTENT, PERSISTENT_DISK = ("redis-persistent", "valkey-persistent"), 256  # MB; the images of the same name keep nothing

FIXED = {(row.profile, row.size): row for row in FIXED_SIZES}
FLEX = {row.profile: tuple(zip(FLEX_CPUS, row.memory, strict=True)) for row in FLEX_MEMORY}
SCALED = {row.size: row.cpu for row in SCALED_SIZES}


def smallest_cpu(profile: str, cpu: float, memory: float) -> float | None:
    """The CPU of the smallest size of a profile on Upsun Flex with at least so much CPU and memory (MB); None where none is."""
    return next((size for size, has in FLEX[profile] if size >= cpu and has >= memory), None)


def profiles_with(cpu: float, memory: float) -> list[str]:
    """The profiles in which a size of so much CPU has so much memory (MB)."""
    return [row.profile for row in FLEX_MEMORY if dict(FLEX[row.profile])[cpu] >= memory]


@frozen(eq=False, repr=False)
class Needs:
    """What an image needs: its default profile, the least memory in MB, and the least disk in MB, None where it has no disk.

    Of one that is not `known` the usual is assumed.
    """

    image: str
    profile: str
    memory: int
    disk: int | None
    known: bool = True


def application_needs(name: str) -> Needs:
    """What an application with this image needs, which may be ``composable``. It may do without a disk, so the least is 0."""
    found = image(name)
    if found is None or found.kind != "runtime":
        return Needs(name, "HIGH_CPU", 64, 0, known=name == "composable")
    profile = found.profile or "HIGH_CPU"
    return Needs(name, profile, FLEX[profile][0][1], 0)


def service_needs(name: str) -> Needs:
    """What a service with this image needs."""
    kept = name in PERSISTENT
    found = image(name.removesuffix("-persistent") if kept else name)
    if found is None or found.kind != "service":
        return Needs(name, "HIGH_MEMORY", 64, 0, known=False)
    profile = found.profile or "HIGH_MEMORY"
    least = next((row.memory for row in LEAST_MEMORY if row.image == found.name), FLEX[profile][0][1])
    return Needs(name, profile, least, PERSISTENT_DISK if kept else found.minimum_disk)
