LC_ALL=C rsync -a --stats --no-human-readable --outbuf=L --info=progress2,del1,nonreg1 -- /srv/small/ /srv/src/file/
