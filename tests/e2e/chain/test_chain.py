"""The whole way of a component in one run, and what happens when one is slow or missing.

Environment: as chain.py says.
"""

import time
import unittest

import own_network
from chain import BROKER_IMAGE, STORE_IMAGE, Chain
from pod_runner import Image, PodFailed

NO_NETWORK = own_network.enter()
SLOW_SECONDS = 5


def delay(chain, name):
    """The image's program becomes seconds late."""
    program = chain.images[name].entrypoint[0]
    chain.runner.images[name] = Image({}, ["sh", "-c", f"sleep {SLOW_SECONDS}; exec {program}"])


@unittest.skipIf(NO_NETWORK, NO_NETWORK)
class ChainTest(unittest.TestCase):
    def chain(self, **options):
        chain = Chain(**options)
        self.addCleanup(chain.close)
        return chain

    def assert_all_went_well(self, seen):
        self.assertEqual(
            seen,
            {
                "daprd": True,
                "stored": 204,
                "published": 204,
                "received": {"id": 7},
                "read": '{"apples":3}',
            },
        )

    def test_application_stores_publishes_and_reads_through_its_components(self):
        chain = self.chain()
        chain.runner.run()
        self.assert_all_went_well(chain.seen())
        order = [said for _, said in chain.runner.events]
        self.assertEqual(
            order,
            [
                "sqlite-store starts",
                "memory-broker starts",
                "wait-for-sockets starts",
                "wait-for-sockets ends with exit code 0",
                "orders starts",
                "daprd starts",
            ],
        )
        codes = chain.runner.stop()
        self.assertEqual(codes["sqlite-store"], 0)
        self.assertEqual(codes["memory-broker"], 0)
        self.assertEqual(codes["daprd"], 0)

    def test_component_that_needs_seconds_to_its_socket_is_waited_for(self):
        chain = self.chain()
        delay(chain, STORE_IMAGE)
        chain.runner.run()
        self.assert_all_went_well(chain.seen())
        self.assertGreaterEqual(chain.moment("daprd starts"), SLOW_SECONDS)

    def test_missing_component_is_named_and_nothing_else_starts(self):
        annotations = {"component-injector.dapr.io/wait-timeout": "2s"}
        never = Image({}, ["sleep", "600"])
        chain = self.chain(images={BROKER_IMAGE: never}, annotations=annotations)
        with self.assertRaises(PodFailed) as failed:
            chain.runner.run()
        self.assertIn("wait-for-sockets failed", str(failed.exception))
        self.assertIn("socket memory-example is absent", str(failed.exception))
        self.assertIn("order-events", str(failed.exception))
        self.assertIn(BROKER_IMAGE, str(failed.exception))
        self.assertFalse(chain.runner.container("daprd").running())
        self.assertIsNone(chain.moment("orders starts"))
        self.assertIsNone(chain.moment("daprd starts"))

    def test_placement_container_shows_the_race(self):
        annotations = {"component-injector.dapr.io/component-placement": "container"}
        chain = self.chain(annotations=annotations)
        delay(chain, STORE_IMAGE)
        chain.runner.run()
        daprd = chain.runner.container("daprd")
        deadline = time.monotonic() + 60
        while daprd.running() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertFalse(daprd.running(), "daprd found a component that came after it")
        self.assertIn("couldn't find state store state.sqlite-example/v1", daprd.log())
        self.assertLess(chain.moment("daprd starts"), SLOW_SECONDS)


if __name__ == "__main__":
    unittest.main()
