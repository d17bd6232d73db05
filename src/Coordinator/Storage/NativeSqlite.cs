using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// Binds SQLitePCL to the distribution's own libsqlite3, so that the native library gets the distribution's security updates.
/// </summary>
internal static class NativeSqlite
{
    /// <summary>Debian's libsqlite3-0 installs this name; the name without ".0" needs the development package.</summary>
    private const string LibraryName = "libsqlite3.so.0";

    private static readonly Lazy<bool> Loaded = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>Loads the library. Repeated calls are cheap.</summary>
    /// <exception cref="StoreException">The library is not installed.</exception>
    public static void EnsureLoaded() => _ = Loaded.Value;

    private static bool Load()
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        try
        {
            _ = raw.sqlite3_libversion_number();
        }
        catch (DllNotFoundException exception)
        {
            throw new StoreException($"{LibraryName} cannot be loaded: install the package libsqlite3-0", exception);
        }

        return true;
    }

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == "e_sqlite3" ? NativeLibrary.Load(LibraryName) : IntPtr.Zero;
}
