using System.Runtime.InteropServices;

namespace Fleet.Agent.Native;

/// <summary>The environment as libraries in C see it: what .NET sets stays in .NET.</summary>
internal static unsafe partial class NativeMethods
{
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int setenv(string name, string value, int overwrite);
}
