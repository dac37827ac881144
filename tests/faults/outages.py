"""What is done to what the workers depend on: ClickHouse, the broker, the schema registry."""

from __future__ import annotations

from tests.faults.cases import Size
from tests.faults.deployment import Deployment
from tests.faults.proxy import Proxy, proxy_to


def _away(size: Size) -> float:
    return 60.0 if size == "long" else 10.0


def clickhouse(on: Deployment, size: Size) -> None:
    """It is killed, away for a while, and comes back with its data."""
    on.up()
    on.feed(0.3)
    on.commits()
    on.clickhouse.kill()
    on.happened += 1
    on.feed(0.3)
    on.lasts(_away(size))
    on.clickhouse.start()


def clickhouse_and_rebalance(on: Deployment, size: Size) -> None:
    """While it is away a second worker joins and is killed, so that partitions are revoked and assigned twice."""
    on.up("a")
    on.feed(0.3)
    on.commits()
    with proxy_to(on.clickhouse.port) as proxy:
        on.up("guest", CLICKHOUSE_URL=proxy.url)
        # the last thing that it asks before it joins
        on.until(lambda: any(b"facts.clock" in asked for asked in proxy.asked), "the guest has seen ClickHouse")
        on.clickhouse.kill()
        on.happened += 1
        on.feed(0.3)
        try:
            on.of_group(2)
            on.lasts(_away(size) / 2)
            on.down("guest")
            on.lasts(_away(size) / 2)
        finally:
            on.clickhouse.start()
        on.commits()


def answers_cut(on: Deployment, size: Size) -> None:
    """Of five inserts two are executed, and their sender is cut off instead of told."""
    with proxy_to(on.clickhouse.port) as proxy:
        on.up("cut", CLICKHOUSE_URL=proxy.url)
        proxy.cut_every = 5
        _drip(on, 0.8, proxy, 100 if size == "long" else 10)
        on.happened += proxy.cut
        proxy.cut_every = 0
        on.kill_all()  # the proxy goes, so its worker does
    on.up()


def slow_inserts(on: Deployment, size: Size) -> None:
    """Each takes seconds longer."""
    with proxy_to(on.clickhouse.port) as proxy:
        on.up("slow", CLICKHOUSE_URL=proxy.url)
        proxy.delay = 4.0 if size == "long" else 1.0
        _drip(on, 0.8, proxy, 20 if size == "long" else 5)
        on.happened += proxy.inserts
        proxy.delay = 0.0
        on.kill_all()
    on.up()


def _drip(on: Deployment, share: float, proxy: Proxy, inserts: int) -> None:
    """Feeds a share in drops until there were so many inserts."""
    fed = 0.0

    def enough() -> bool:
        nonlocal fed
        if fed < share:
            fed += share / 50
            on.feed(share / 50)
            on.lasts(0.3)
        return proxy.inserts >= inserts

    on.until(enough, f"{inserts} inserts", within=300)


def broker_stopped(on: Deployment, size: Size) -> None:
    _broker(on, size, graceful=True)


def broker_killed(on: Deployment, size: Size) -> None:
    _broker(on, size, graceful=False)


def _broker(on: Deployment, size: Size, graceful: bool) -> None:
    server = on.broker.server
    assert server is not None
    on.up()
    for _ in range(2 if size == "long" else 1):
        on.feed(0.2)
        on.commits()
        on.lasts(on.random.uniform(0, 1))
        (server.stop if graceful else server.kill)()
        on.happened += 1
        on.feed(0.1)
        on.lasts(10 if size == "long" else 2)
        server.start()
        on.commits()


def registry(on: Deployment, size: Size) -> None:
    """Away when a worker starts, and while it works, with schemas in the load that only the registry can judge."""
    assert on.registry is not None
    on.registry.away = True
    pod = on.up()
    on.until(lambda: pod.restarts >= 1, "it says that there is no registry, and ends")
    on.happened += 1
    on.registry.away = False
    on.feed(0.3)
    on.commits()
    on.registry.away = True
    on.happened += 1
    on.feed(0.3)
    on.until(lambda: pod.restarts >= 3, "it cannot judge a record, says so and ends; and cannot start")
    on.registry.away = False
