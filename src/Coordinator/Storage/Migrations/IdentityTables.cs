namespace Fleet.Coordinator.Storage.Migrations;

/// <summary>Join tokens, enrolments, operators and the audit log. Secrets are stored as SHA-256 only.</summary>
internal sealed class IdentityTables : IMigration
{
    public string Name => "join tokens, enrolments, operators, audit";

    public string Sql =>
        """
        CREATE TABLE join_tokens (
            token_id TEXT NOT NULL PRIMARY KEY,
            secret_hash BLOB NOT NULL,                   -- SHA-256
            max_uses INTEGER NOT NULL,
            uses INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            host_name TEXT NOT NULL DEFAULT '',          -- empty: any
            labels TEXT NOT NULL DEFAULT '{}',           -- JSON object
            note TEXT NOT NULL DEFAULT '',
            created_by TEXT NOT NULL,
            revoked_at INTEGER,
            request_id TEXT NOT NULL UNIQUE,
            request_hash BLOB NOT NULL                   -- SHA-256 of the request
        ) WITHOUT ROWID;
        CREATE INDEX join_tokens_newest ON join_tokens(created_at DESC, token_id DESC);

        -- What makes a repeated enrolment the same host.
        CREATE TABLE enrolments (
            request_id TEXT NOT NULL PRIMARY KEY,
            key_hash BLOB NOT NULL,                      -- SHA-256 of the public key (SubjectPublicKeyInfo)
            host_id TEXT NOT NULL,
            token_id TEXT NOT NULL,
            at INTEGER NOT NULL
        ) WITHOUT ROWID;

        -- Removed operators stay, so that their credentials are known as revoked and never get another's rights.
        CREATE TABLE operators (
            operator_id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            role INTEGER NOT NULL,                       -- Role
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            credential INTEGER NOT NULL,                 -- CredentialKind
            token_id TEXT UNIQUE,
            secret_hash BLOB,                            -- SHA-256
            certificate_hash BLOB UNIQUE,                -- SHA-256 of the certificate's DER form
            last_used_at INTEGER,
            removed_at INTEGER
        );
        CREATE UNIQUE INDEX operators_name ON operators(name) WHERE removed_at IS NULL;

        CREATE TABLE audit (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            who TEXT NOT NULL,
            from_address TEXT NOT NULL,
            what TEXT NOT NULL,
            subject TEXT NOT NULL,
            outcome TEXT NOT NULL,
            detail TEXT NOT NULL
        );
        CREATE INDEX audit_who ON audit(who, sequence);
        CREATE INDEX audit_at ON audit(at);
        """;
}
