LC_ALL=C TZ=UTC zfs hold fleet:keep tank/data@fleet_nightly_20261120T205500Z
