namespace Orleans.Copying;

internal static class Elements
{
    /// <summary>A copy of a collection's element, or the element itself if there is no copier because it may be shared.</summary>
    public static T Copy<T>(ObjectCopier? copier, T element, CopyContext context) =>
        copier is null || element is null ? element : (T)copier.Copy(element, context);
}
