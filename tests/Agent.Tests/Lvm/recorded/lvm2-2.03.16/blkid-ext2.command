LC_ALL=C TZ=UTC blkid -p -s TYPE -o value /dev/vg/scratch
