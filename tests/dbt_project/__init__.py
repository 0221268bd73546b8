"""What dbt itself cannot prove about its project."""
