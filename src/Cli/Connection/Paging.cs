namespace Fleet.Cli.Connection;

/// <summary>Follows page tokens to the last page, or until it has enough items.</summary>
internal static class Paging
{
    public const int LargestPage = 1_000;

    /// <param name="fetch">Takes a page size and a page token; returns the items and the next page token.</param>
    public static async Task<List<T>> AllAsync<T>(
        Func<int, string, Task<(IEnumerable<T> Items, string Next)>> fetch, int limit = int.MaxValue)
    {
        var all = new List<T>();
        var token = "";
        do
        {
            var (items, next) = await fetch(Math.Min(LargestPage, limit - all.Count), token);
            all.AddRange(items.Take(limit - all.Count));
            token = next;
        }
        while (token.Length > 0 && all.Count < limit);
        return all;
    }
}
