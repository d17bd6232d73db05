LC_ALL=C TZ=UTC blkid -p -s TYPE -o value /dev/vg/vol.fleet_nightly_20261120T205500Z
