using Fleet.EndToEnd.Machines;

namespace Fleet.EndToEnd.Story;

/// <summary>Trees of files on a machine: made, changed, and compared byte for byte.</summary>
internal static class FileTree
{
    /// <summary>
    /// Makes about 3,000 files in 40 folders, with what file systems allow and tools trip over: spaces, line breaks, bytes that
    /// are no UTF-8, leading dashes, quotes, links, an empty file and a sparse one, odd modes and owners.
    /// </summary>
    public static async Task CreateAsync(Machine machine, string path) => await machine.RunAsync("bash", "-euc", """
        mkdir -p "$0" && cd "$0"
        for i in $(seq 40); do
          mkdir -p "folder $i/deep"
          head -c 300000 /dev/urandom | split -b 4000 -a 3 - "folder $i/deep/part-"
        done
        mkdir -- '-odd' 'quote"and'"'"'apostrophe' $'line\nbreak' $'not\xffutf8'
        for name in ' leading' 'trailing ' '-rf' $'a\nb' $'\xfe\xff' $'tab\there' 'star*' 'back\slash' $'\e[31mred' '#comment' '$(touch x)'; do
          printf 'content of %q' "$name" > "./$name"
          printf 'deeper content of %q' "$name" > $'not\xffutf8/'"$name"
        done
        : > empty
        truncate -s 1M sparse && printf end >> sparse
        ln -s '../outside' symlink && ln -s $'\xff-nowhere' dangling
        chmod 4755 empty && chmod 0700 -- '-odd' && chown 1234:4321 'star*' && chmod 000 '#comment'
        touch -d '2001-02-03 04:05:06.789' 'sparse'
        """, path);

    /// <summary>Changes, adds and removes some files.</summary>
    public static async Task ChangeAsync(Machine machine, string path) => await machine.RunAsync("bash", "-euc", """
        cd "$0"
        folders=('folder '*)
        rm -r "${folders[0]}"
        printf more >> "${folders[1]}/deep/part-aaa"
        mv "${folders[2]}" $'renamed\xff '"$(date +%s%N)"
        date +%N > "added at $(date +%s%N)"
        """, path);

    /// <summary>
    /// Names as bytes, types, modes, owners, link targets, times, sizes and content hashes of everything below a folder, in one
    /// order: two trees are equal when these are. The owner of a destination is not part of it.
    /// </summary>
    public static async Task<byte[]> DescribeAsync(Machine machine, string path) =>
        (await machine.RunAsync(
                "bash",
                "-euo",
                "pipefail",
                "-c",
                """
                cd "$0"
                export LC_ALL=C
                find . -mindepth 1 -type d -printf '%P|%y|%m|%U:%G\0' | sort -z
                find . -mindepth 1 ! -type d ! -path ./.fleet-owner.json -printf '%P|%y|%m|%U:%G|%s|%T@|%l\0' | sort -z
                find . -type f ! -path ./.fleet-owner.json -print0 | sort -z | xargs -0 sha256sum -z
                """,
                path)
        ).Output;

    /// <summary>Compares two trees of one machine; the caller knows that nothing writes to them.</summary>
    public static async Task AssertEqualAsync(Machine machine, string source, string destination)
    {
        var expected = await DescribeAsync(machine, source);
        var actual = await DescribeAsync(machine, destination);
        Assert.True(expected.Length > 100_000, $"{source} on {machine.Name} holds too little to prove anything");
        Assert.True(
            expected.AsSpan().SequenceEqual(actual),
            $"{destination} differs from {source} on {machine.Name}: {FirstDifference(expected, actual)}");
    }

    private static string FirstDifference(byte[] expected, byte[] actual)
    {
        var lines = System
            .Text.Encoding.Latin1.GetString(expected)
            .Split('\0')
            .Zip(System.Text.Encoding.Latin1.GetString(actual).Split('\0'));
        var (first, second) = lines.FirstOrDefault(pair => pair.First != pair.Second);
        return first is null ? "one has more entries" : $"'{first}' became '{second}'";
    }
}
