LC_ALL=C rsync -a --stats --no-human-readable --outbuf=L --info=progress2,del1 -- /srv/small/ /mnt/fixed/new/
