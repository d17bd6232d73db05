LC_ALL=C rsync -a -s --stats --no-human-readable --outbuf=L --info=del1,nonreg1 --dry-run --out-format=fleet:%i %l %n --delete-delay --max-delete=10 -- src/ dst/
