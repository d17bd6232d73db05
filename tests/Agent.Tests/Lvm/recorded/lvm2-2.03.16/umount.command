LC_ALL=C TZ=UTC umount /mnt/snap
