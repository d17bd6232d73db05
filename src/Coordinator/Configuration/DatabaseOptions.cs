namespace Fleet.Coordinator.Configuration;

/// <summary>A database of PostgreSQL in place of the files in the state directory.</summary>
/// <param name="ConnectionString">As Npgsql takes it, without a password.</param>
/// <param name="PasswordFile">Its first line is the password. Null: the server asks for none.</param>
internal sealed record DatabaseOptions(string ConnectionString, string? PasswordFile);
