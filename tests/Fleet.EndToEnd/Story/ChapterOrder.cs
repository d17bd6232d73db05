using Xunit.Sdk;
using Xunit.v3;

namespace Fleet.EndToEnd.Story;

/// <summary>Runs the tests of a story in the order of their chapters.</summary>
public sealed class ChapterOrder : ITestCaseOrderer
{
    /// <summary>The trait that holds the chapter, as two digits.</summary>
    public const string Chapter = nameof(Chapter);

    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : notnull, ITestCase =>
        [.. testCases.OrderBy(testCase => testCase.Traits[Chapter].Single(), StringComparer.Ordinal)];
}
