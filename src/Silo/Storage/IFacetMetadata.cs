namespace Orleans;

/// <summary>Marks a constructor parameter that the silo provides.</summary>
public interface IFacetMetadata;
