using System.Runtime.InteropServices;
using System.Text;
using Fleet.Agent.Native;

namespace Fleet.Agent.Tools;

/// <summary>posix_spawn(3) with everything that a tool is started with.</summary>
internal static unsafe class ProcessSpawn
{
    // glibc's opaque types are 80 (posix_spawn_file_actions_t), 336 (posix_spawnattr_t) and 128 (sigset_t) bytes on both architectures.
    private const int OpaqueBytes = 1024;

    /// <summary>
    /// Starts a program in a new session and process group, signals as after boot (the runtime ignores
    /// SIGPIPE, and an ignored signal would be inherited).
    /// </summary>
    /// <returns>0, or an errno.</returns>
    public static int Start(
        string path,
        IReadOnlyList<ReadOnlyMemory<byte>> argv,
        IReadOnlyList<ReadOnlyMemory<byte>> environment,
        string workingDirectory,
        int? standardInput,
        int standardOutput,
        int standardError,
        out int processId)
    {
        byte* fileActions = stackalloc byte[OpaqueBytes];
        byte* attributes = stackalloc byte[OpaqueBytes];
        byte* signals = stackalloc byte[OpaqueBytes];
        _ = NativeMethods.posix_spawn_file_actions_init(fileActions);
        _ = NativeMethods.posix_spawnattr_init(attributes);
        List<nint> strings = [];
        var argvPointers = (byte**)NativeMemory.Alloc((nuint)(argv.Count + 1), (nuint)sizeof(byte*));
        var environmentPointers = (byte**)NativeMemory.Alloc((nuint)(environment.Count + 1), (nuint)sizeof(byte*));
        try
        {
            Fill(argvPointers, argv, strings);
            Fill(environmentPointers, environment, strings);
            fixed (byte* nativePath = Terminated(path), nativeDirectory = Terminated(workingDirectory), nothing = "/dev/null\0"u8)
            {
                var error = standardInput is { } input
                    ? NativeMethods.posix_spawn_file_actions_adddup2(fileActions, input, 0)
                    : NativeMethods.posix_spawn_file_actions_addopen(fileActions, 0, nothing, 0, 0);
                error = First(error, NativeMethods.posix_spawn_file_actions_adddup2(fileActions, standardOutput, 1));
                error = First(error, NativeMethods.posix_spawn_file_actions_adddup2(fileActions, standardError, 2));
                error = First(error, NativeMethods.posix_spawn_file_actions_addchdir_np(fileActions, nativeDirectory));

                // Descriptors of ours close on exec, but what the agent itself was started with may not.
                error = First(error, NativeMethods.posix_spawn_file_actions_addclosefrom_np(fileActions, 3));
                _ = NativeMethods.sigemptyset(signals);
                error = First(error, NativeMethods.posix_spawnattr_setsigmask(attributes, signals));
                _ = NativeMethods.sigfillset(signals);
                error = First(error, NativeMethods.posix_spawnattr_setsigdefault(attributes, signals));
                const int Flags = NativeMethods.SpawnSetSession | NativeMethods.SpawnSetSignalMask | NativeMethods.SpawnSetSignalDefault;
                error = First(error, NativeMethods.posix_spawnattr_setflags(attributes, Flags));
                int started = 0;
                error = error != 0
                    ? error
                    : NativeMethods.posix_spawn(&started, nativePath, fileActions, attributes, argvPointers, environmentPointers);
                processId = started;
                return error;
            }
        }
        finally
        {
            strings.ForEach(s => NativeMemory.Free((void*)s));
            NativeMemory.Free(argvPointers);
            NativeMemory.Free(environmentPointers);
            _ = NativeMethods.posix_spawn_file_actions_destroy(fileActions);
            _ = NativeMethods.posix_spawnattr_destroy(attributes);
        }
    }

    private static int First(int error, int next) => error != 0 ? error : next;

    private static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static void Fill(byte** pointers, IReadOnlyList<ReadOnlyMemory<byte>> values, List<nint> strings)
    {
        for (var i = 0; i < values.Count; i++)
        {
            var value = values[i].Span;
            var copy = (byte*)NativeMemory.Alloc((nuint)value.Length + 1);
            strings.Add((nint)copy);
            value.CopyTo(new Span<byte>(copy, value.Length));
            copy[value.Length] = 0;
            pointers[i] = copy;
        }

        pointers[values.Count] = null;
    }
}
