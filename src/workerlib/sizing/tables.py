"""The vendor's tables of sizes, of both products, and of what each image starts with."""

from __future__ import annotations

from attrs import frozen

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
class Image:
    """An image: its default profile, the least memory in MB, and the least disk in MB, None where it has no disk."""

    name: str
    profile: str
    memory: int
    disk: int | None
    page: str = "Upsun Fixed docs: Create apps > App reference > Size; the vendor's image registry (August 2026)"


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

# An application may do without a disk, so the least is 0.
RUNTIMES = (
    Image("composable", "HIGH_CPU", 64, 0),
    Image("dotnet", "HIGH_CPU", 64, 0),
    Image("elixir", "HIGH_CPU", 64, 0),
    Image("golang", "HIGH_CPU", 64, 0),
    Image("java", "HIGH_MEMORY", 448, 0),
    Image("nodejs", "HIGH_CPU", 64, 0),
    Image("php", "HIGH_CPU", 64, 0),
    Image("python", "HIGH_CPU", 64, 0),
    Image("ruby", "HIGH_CPU", 64, 0),
    Image("rust", "HIGH_CPU", 64, 0),
)
SERVICES = (
    Image("chrome-headless", "HIGH_CPU", 64, None),
    Image("clickhouse", "HIGH_MEMORY", 448, 256),
    Image("elasticsearch", "HIGH_MEMORY", 448, 256),
    Image("elasticsearch-enterprise", "HIGH_MEMORY", 448, 256),
    Image("gotenberg", "HIGH_MEMORY", 512, None),
    Image("influxdb", "HIGH_MEMORY", 448, 256),
    Image("kafka", "HIGH_MEMORY", 448, 512),
    Image("mariadb", "HIGH_MEMORY", 448, 256),
    Image("memcached", "BALANCED", 352, None),
    Image("mercure", "BALANCED", 64, 256),
    Image("mongodb", "HIGH_MEMORY", 448, 512),
    Image("mongodb-enterprise", "HIGH_MEMORY", 448, 512),
    Image("mysql", "HIGH_MEMORY", 448, 256),
    Image("network-storage", "HIGH_MEMORY", 448, 256),
    Image("opensearch", "HIGH_MEMORY", 448, 256),
    Image("oracle-mysql", "HIGH_MEMORY", 448, 256),
    Image("postgresql", "HIGH_MEMORY", 448, 256),
    Image("rabbitmq", "HIGH_MEMORY", 448, 256),
    Image("redis", "BALANCED", 64, None),
    Image("redis-persistent", "BALANCED", 64, 256),
    Image("solr", "HIGH_MEMORY", 448, 256),
    Image("valkey", "BALANCED", 64, None),
    Image("valkey-persistent", "BALANCED", 64, 256),
    Image("varnish", "HIGH_MEMORY", 128, None),
    Image("vault-kms", "HIGH_MEMORY", 448, 256),
)

FIXED = {(row.profile, row.size): row for row in FIXED_SIZES}
FLEX = {row.profile: tuple(zip(FLEX_CPUS, row.memory, strict=True)) for row in FLEX_MEMORY}
SCALED = {row.size: row.cpu for row in SCALED_SIZES}


def smallest_cpu(profile: str, cpu: float, memory: float) -> float | None:
    """The CPU of the smallest size of a profile on Upsun Flex with at least so much CPU and memory (MB); None where none is."""
    return next((size for size, has in FLEX[profile] if size >= cpu and has >= memory), None)


def profiles_with(cpu: float, memory: float) -> list[str]:
    """The profiles in which a size of so much CPU has so much memory (MB)."""
    return [row.profile for row in FLEX_MEMORY if dict(FLEX[row.profile])[cpu] >= memory]
