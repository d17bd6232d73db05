LC_ALL=C TZ=UTC zfs receive -s -u -o quota=4M tank/small <full
