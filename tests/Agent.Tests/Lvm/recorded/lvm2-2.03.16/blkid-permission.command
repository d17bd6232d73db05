LC_ALL=C TZ=UTC setpriv --reuid 65534 --regid 65534 --clear-groups blkid -p -s TYPE -o value /dev/vg/vol.fleet_nightly_20261120T205500Z
