using System.Text;
using Fleet.Agent.Logging;

namespace Fleet.Agent.Files;

/// <summary>
/// A path that a rule of the guard file covers, opened once, beneath the rule's folder and without following a link. Whatever works on the
/// path afterwards works on these descriptors, so that it cannot become another one.
/// </summary>
internal sealed class GuardedPath : IDisposable
{
    private const uint Private = 0x1C0; // 0700

    private GuardedPath(byte[] path, OpenPath? opened, OpenPath? folder, string problem) =>
        (Path, Opened, Folder, Problem) = (path, opened, folder, problem);

    /// <summary>Absolute, without links.</summary>
    public byte[] Path { get; }

    /// <summary>A folder, or a file. Null if there is none yet, or if <see cref="Problem"/> says more.</summary>
    public OpenPath? Opened { get; private set; }

    /// <summary>The folder that it lies in. Null if it is the rule's own folder, or there is none.</summary>
    public OpenPath? Folder { get; }

    /// <summary>Its name in <see cref="Folder"/>.</summary>
    public ReadOnlySpan<byte> Name => Path.AsSpan(Path.AsSpan().LastIndexOf((byte)'/') + 1);

    /// <summary>Why it cannot be opened, safe to show. Empty if it is open, or if only its last part is missing.</summary>
    public string Problem { get; }

    /// <summary>How a process that is not confined reaches it, or what lies in it.</summary>
    /// <param name="below">Relative. Empty for the path itself.</param>
    public byte[] ProcPath(ReadOnlySpan<byte> below = default) =>
        Opened is not null ? Join(Encoding.ASCII.GetBytes(Opened.ProcPath), below)
        : Folder is not null ? Join(Join(Encoding.ASCII.GetBytes(Folder.ProcPath), Name), below)
        : throw new IOException(Problem);

    /// <summary>Its path with what follows a slash.</summary>
    public byte[] At(ReadOnlySpan<byte> below) => Join(Path, below);

    /// <param name="rule">The rule's folder. Stays the caller's.</param>
    /// <param name="root">Its path: absolute, without links.</param>
    /// <param name="below">Relative to it, without empty parts. Empty for the rule's folder itself.</param>
    /// <param name="link">A part of the path is a symbolic link.</param>
    /// <returns>Null if a part is a link.</returns>
    public static GuardedPath? Open(OpenPath rule, byte[] root, ReadOnlySpan<byte> below, out bool link)
    {
        var path = below.IsEmpty ? root : Join(root, below);
        link = false;
        OpenPath? folder = null;
        var failure = OpenFailure.None;
        string message = "";
        if (!below.IsEmpty)
        {
            var slash = below.LastIndexOf((byte)'/');
            folder = rule.Below(slash < 0 ? [] : below[..slash], out failure, out message);
            below = below[(slash + 1)..];
        }

        if (folder is { IsFolder: false })
        {
            folder.Dispose();
            (folder, failure) = (null, OpenFailure.Missing);
        }

        var problem = failure == OpenFailure.Missing ? $"the folder that {LogText.Escape(path)} lies in does not exist" : message;
        OpenPath? opened = null;
        if (failure == OpenFailure.None)
        {
            opened = (folder ?? rule).Below(below, out failure, out message);
            problem = failure == OpenFailure.Other ? message : "";
        }

        if (failure != OpenFailure.Link)
        {
            return new GuardedPath(path, opened, folder, problem);
        }

        folder?.Dispose();
        link = true;
        return null;
    }

    /// <summary>A path that could not be opened.</summary>
    /// <param name="problem">Why, safe to show.</param>
    public static GuardedPath Closed(byte[] path, string problem) => new(path, null, null, problem);

    /// <summary>For tests and for places that no rule names: the path is beneath the root folder.</summary>
    /// <exception cref="IOException">A part of it is a link.</exception>
    public static GuardedPath OfThisHost(ReadOnlySpan<byte> path)
    {
        using var root = OpenPath.Folder("/"u8);
        return Open(root, "/"u8.ToArray(), path.Trim((byte)'/'), out _)
            ?? throw new IOException($"a part of {LogText.Escape(path)} is a symbolic link, which is not followed");
    }

    /// <summary>The folder, which is made if its last part is missing.</summary>
    /// <exception cref="IOException"/>
    public OpenPath Make()
    {
        if (Opened is null && Folder is not null && Problem.Length == 0)
        {
            Folder.MakeFolder(Name, Private);
            Opened = Folder.Below(Name, out _, out var message)
                ?? throw new IOException($"{LogText.Escape(Path)} cannot be opened: {message}");
        }

        return Opened ?? throw new IOException(Problem);
    }

    public void Dispose()
    {
        Opened?.Dispose();
        Folder?.Dispose();
    }

    private static byte[] Join(byte[] head, ReadOnlySpan<byte> below) =>
        below.IsEmpty ? head : head is [.., (byte)'/'] ? [.. head, .. below] : [.. head, (byte)'/', .. below];
}
