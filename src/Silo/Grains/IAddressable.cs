namespace Orleans.Runtime;

/// <summary>Whatever has an identity that calls can be sent to.</summary>
public interface IAddressable;
