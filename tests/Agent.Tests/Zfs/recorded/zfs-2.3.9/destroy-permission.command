LC_ALL=C TZ=UTC setpriv --reuid 65534 --regid 65534 --clear-groups zfs destroy -p -v tank/many@fleet_nightly_20261101T205500Z
