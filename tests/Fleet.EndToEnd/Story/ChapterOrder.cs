using Xunit.Sdk;
using Xunit.v3;

namespace Fleet.EndToEnd.Story;

/// <summary>Runs the tests of a story in the order of their chapters.</summary>
public sealed class ChapterOrder : ITestMethodOrderer
{
    /// <summary>The trait that holds the chapter, as two digits.</summary>
    public const string Chapter = nameof(Chapter);

    public IReadOnlyCollection<TTestMethod?> OrderTestMethods<TTestMethod>(IReadOnlyCollection<TTestMethod?> testMethods)
        where TTestMethod : notnull, ITestMethod =>
        [.. testMethods.OrderBy(static method => method?.Traits[Chapter].Single(), StringComparer.Ordinal)];
}
