LC_ALL=C rsync -a --stats --no-human-readable --outbuf=L --info=progress2,del1 --delete-delay --max-delete=2 -- /srv/less/ /srv/more/
