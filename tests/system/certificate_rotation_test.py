"""Certificates that replicas make themselves are renewed and defended while admissions go on."""

import concurrent.futures
import contextlib
import random
import time
import unittest

from cluster_replica import Replica
from fake_control_plane import FakeControlPlane


def rotate(count):
    """Runs replicas with a short-lived certificate until each has renewed it, admitting all along;
    returns what went wrong, how many admissions there were, and the bundle's leaves at the end."""
    faults, admitted = [], 0
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(FakeControlPlane())
        replicas = [stack.enter_context(Replica(
            cluster, f"injector-{i}", "--serving-certificate-lifetime", "1m"))
            for i in range(count)]
        first = [replica.shown() for replica in replicas]
        deadline = time.monotonic() + 110
        while time.monotonic() < deadline:
            replica = random.choice(replicas)
            try:
                status = replica.admit()[0]
                if status != 200:
                    faults.append(status)
            except OSError as error:
                faults.append(error)
            admitted += 1
            now = [replica.shown() for replica in replicas] if admitted % 20 == 0 else first
            renewed = all(a != b for a, b in zip(first, now))
            if renewed and sorted(cluster.leaves()) == sorted(now):
                return faults, admitted, len(cluster.leaves())
        faults.append("not renewed in time: " + replicas[0].output())
    return faults, admitted, 0


def reset_after(forbidden):
    """Seconds until a bundle that was emptied by hand is right again."""
    with FakeControlPlane(forbidden=forbidden) as cluster, Replica(cluster, "injector-0") as replica:
        if "watch" in forbidden:
            replica.await_line("not watched, read every 50 s")
        cluster.set_bundle("")
        begin = time.monotonic()
        deadline = begin + 90
        while cluster.bundle() != replica.shown() and time.monotonic() < deadline:
            time.sleep(0.05)
        return time.monotonic() - begin


class RotationTest(unittest.TestCase):
    """Takes a minute or more each, most of it waiting: they run side by side."""

    @classmethod
    def setUpClass(cls):
        executor = concurrent.futures.ThreadPoolExecutor()
        cls.addClassCleanup(executor.shutdown)
        cls.one = executor.submit(rotate, 1)
        cls.three = executor.submit(rotate, 3)
        cls.watched = executor.submit(reset_after, set())
        cls.patch_only = executor.submit(reset_after, {"watch", "get", "list"})

    def assert_rotated(self, result, count):
        faults, admitted, leaves = result
        self.assertEqual(faults, [])
        self.assertGreaterEqual(admitted, 20)  # on the busiest machine; else hundreds
        self.assertEqual(leaves, count)

    def test_one_replica_renews_without_a_failed_admission(self):
        self.assert_rotated(self.one.result(), 1)

    def test_three_replicas_renew_without_a_failed_admission(self):
        self.assert_rotated(self.three.result(), 3)

    def test_reset_is_mended_within_ten_seconds(self):
        self.assertLess(self.watched.result(), 10)

    def test_reset_is_mended_within_a_minute_by_patch_alone(self):
        self.assertLess(self.patch_only.result(), 60)


if __name__ == "__main__":
    unittest.main()
