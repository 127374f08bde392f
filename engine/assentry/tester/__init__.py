"""tester"""
