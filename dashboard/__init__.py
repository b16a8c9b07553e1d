"""The product manager's pages, in Streamlit."""
