namespace Fleet.Testing;

/// <summary>The checkout that the tests were built from, for those that read what is written down in it.</summary>
public static class Repository
{
    /// <summary>The folder that holds Fleet.sln.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Fleet.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no Fleet.sln above {AppContext.BaseDirectory}");
    }
}
